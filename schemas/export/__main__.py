"""`python -m schemas.export [--write [--breaking]]`: check the published schemas, or write them."""

import sys

from schemas.export import check, write

if __name__ == "__main__":
    problems = write(breaking="--breaking" in sys.argv) if "--write" in sys.argv else check()
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    sys.exit(1 if problems else 0)
