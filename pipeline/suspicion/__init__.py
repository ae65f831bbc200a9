"""Suspicion: figures that are worth a look, with the evidence, for an inspector. Never proof, and never part of a score.

Here: six tests of a county's figures against its province (``heaping``, ``repeats``, ``twins``, ``endings``, ``growth``), the
share that the province makes one expect and the exact tail (``pooled``), what is flagged (``judge``) and the words of the
evidence (``words.yaml``). Not here: rules that a row must satisfy (the catalogue's ``rules.yaml``), and anything that reads the
result: no score, verdict or rank does. Method: ``docs/suspicion.md``.
"""
