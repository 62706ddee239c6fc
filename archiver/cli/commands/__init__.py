"""One file per verb. Each imports what it needs when it runs, so that ``--help`` stays quick."""
