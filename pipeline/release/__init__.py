"""Releases: built aside, whole or not at all, made latest by one atomic act, verifiable byte by byte.

Here: the DuckDB file (``database``), its content hash (``content``), the folder with manifest (``package``) and checking
a finished release (``verify``). Not here: the pages (``reports``).
"""
