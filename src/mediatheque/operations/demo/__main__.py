"""Makes the demonstration household in this install's database and says who can sign in."""

import os
import sys

from mediatheque.operations.install import django_install


def main() -> int:
    """0 when it stands, 1 with the reason on standard error."""
    with django_install(os.environ):
        from mediatheque.core.clock import now
        from mediatheque.core.errors import Refusal
        from mediatheque.operations.demo.founding import LivedIn
        from mediatheque.operations.demo.household import make_household

        try:
            made = make_household(today=now().date())
        except LivedIn as error:
            print(f"mediatheque: {error}", file=sys.stderr)
            return 1
        except Refusal as refusal:
            print(f"mediatheque: {refusal.detail}", file=sys.stderr)
            return 1
    print(f"The demonstration household “{made.name}” stands. Sign in with the password {made.password} as")
    for person in made.people:
        print(f"  {person.email:20}{person.name}, {person.role}")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
