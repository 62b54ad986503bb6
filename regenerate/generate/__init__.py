"""Make the typed client of a corrected document in a staging folder, and check it."""
