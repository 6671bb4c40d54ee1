"""Runs Databricks notebooks: formats, cells, magics, dbutils, display, reports. `python3 -m tarn_kernel --help` says how it is called."""
