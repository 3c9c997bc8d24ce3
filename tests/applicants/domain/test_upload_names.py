import pytest

from applicants.domain.uploads.names import clean_name, extension


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("C:\\Users\\me\\证明.pdf", "证明.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\nb\0c\u200bd.pdf", "abcd.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        (" . name .pdf. ", "name .pdf"),
        ("", "_"),
        ("..", "_"),
        ("企" * 300 + ".pdf", "企" * 196 + ".pdf"),
    ],
)
def test_names_keep_what_is_harmless(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_hidden_extension_comes_to_light() -> None:
    assert extension(clean_name("photo\u202egpj.exe")) == "exe"
