"""Will hold: EIO, ENOSPC and SIGKILL injected by strace at each write, sync, rename and open of a writing process."""
