"""Many learners: their tables and folders read, judged on any number of processes, and kept on disk."""
