"""Errors that people read: one sentence in Chinese and English, never a traceback."""


class JunhengError(Exception):
    """A failure that ends a command; carries its sentence in both languages.

    ``zh`` and ``en`` say what was found, where, what was expected and how to mend it.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class CatalogueError(JunhengError):
    """A catalogue folder that cannot be used: names the file, the entry and the line."""


class HomeError(JunhengError):
    """A home directory that cannot be used, or something asked of it that it does not hold."""


class FaultError(JunhengError):
    """The work itself went wrong (a rule that could not be evaluated, an account that does not close): the run stops."""
