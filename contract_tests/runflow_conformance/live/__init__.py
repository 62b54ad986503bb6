"""The live API, read carefully: guarded, budgeted, recorded with secrets and personal data taken out."""
