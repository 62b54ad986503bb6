"""The typed inputs of runflow_client, made from the catalog: one class a model."""
