"""Work that needs several rooms of the program: results on disk, doctor, new study, citation."""
