"""Tables, migrations and queries. Every query on what users own is scoped to an account here and nowhere else."""
