"""Make the typed input classes of `runflow_client.inputs` from the files of `catalog/`."""
