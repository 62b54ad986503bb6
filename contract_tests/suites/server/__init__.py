"""`runflow-conformance`, the laws on a deployment, and the Tap."""
