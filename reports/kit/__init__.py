"""The return kit: what goes back to the sender of a return, so that it can be mended and sent again.

Here: the folder and everything in it. Not here: how the file was checked (``expectations.trial``) and the facts of it
(``pipeline.checked``).
"""

from reports.kit.folder import write_kits

__all__ = ["write_kits"]
