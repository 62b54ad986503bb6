"""What a run of the checks found, and the files that say so."""
