/*
 * What the size of a journal is measured with: the hub client, whose messages survive a loss of power in four pages of
 * flash.
 */
#include "board.h"

#include <mote.h>

static mote_journal journal;

/** Attaches the journal to the client, after mote_use_mqtt. */
static int32_t use_journal(mote_client *client) {
  static const mote_storage storage = {.read = board_read_flash, .write = board_write_flash};
  const mote_journal_options options = {
      .size = sizeof options, .storage = &storage, .page_size = 2048, .page_count = 4, .unit = 8};
  if (mote_journal_init(&journal, sizeof journal, &options) < 0) return -1;
  return mote_use_journal(client, &journal, board_now());
}

#define USE_MORE use_journal
#include "hub.c"
