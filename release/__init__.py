"""From a commit to a release: what `make dist` and `publish.yml` run."""
