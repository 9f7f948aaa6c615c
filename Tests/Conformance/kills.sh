#!/usr/bin/env bash
# The endurance test (faults.sh), while the device is killed 50 times: its journal in a file brings back what it had stored.
# MOTE_SEED=NUMBER replays the faults and the kills of a run that printed it; what else happens in the same moment is up to
# the machine.
set -euo pipefail
export MOTE_KILLS=50 MOTE_JOURNAL=journal
. "$(dirname "$0")/faults.sh"
