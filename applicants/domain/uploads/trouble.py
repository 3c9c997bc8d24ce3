class Unfit(Exception):
    """Why a file is not taken, and what to upload instead, in the reader's language."""

    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says
