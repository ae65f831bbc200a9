"""The domain: catalogue, returns, store, computation, releases, audit.

Plain functions over Polars frames and a DuckDB connection. Nothing here knows Dagster (see ``assets``), Great
Expectations (see ``expectations``) or Plotly (see ``reports``).
"""
