"""Foreign keys over several columns: what a row repeats of another is what that one says."""

from typing import Any

from django.db.models import BaseConstraint


class CompositeForeignKey(BaseConstraint):
    """`fields[0]` points at the row whose fields of the same names the others repeat.

    The fields have no keys of their own (db_constraint=False), and the row pointed at has a unique
    constraint over its id and them. A row whose fields are null in part is not looked at.
    """

    def __init__(self, *, fields: tuple[str, ...], name: str) -> None:
        super().__init__(name=name)
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeForeignKey) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.fields))

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        ours = [model._meta.get_field(name) for name in self.fields]
        other = ours[0].related_model._meta
        theirs = [ours[0].target_field, *(other.get_field(name) for name in self.fields[1:])]
        columns, there = (
            ", ".join(quote(field.column) for field in fields) for fields in (ours, theirs)
        )
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({columns})"
            f" REFERENCES {quote(other.db_table)} ({there})"
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self.constraint_sql(model, schema_editor)}"

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(self, *_of: Any, **_how: Any) -> None:
        """The database looks; that each row pointed at is there, its field asks by itself."""

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        path, _arguments, named = super().deconstruct()
        return path, (), named | {"fields": self.fields}
