"""Tests of the pipeline; ``chain`` runs it from files to tables."""
