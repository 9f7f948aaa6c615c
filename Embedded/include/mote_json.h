/*
 * JSON (RFC 8259) for devices: a reader that takes a document in pieces, such as a device twin that is larger than the receive
 * buffer, and a writer into a buffer. No tree, nothing allocated, no floating point. The rules of mote.h hold here too.
 *
 * A twin, property by property, from the pieces of its message:
 *
 *   static char text[64];
 *   mote_json_reader_init(&reader, sizeof reader, text, sizeof text, MOTE_JSON_DEPTH);
 *   ...
 *   mote_json_feed(&reader, payload, payload_length, offset + payload_length == total);
 *   while ((result = mote_json_next(&reader, &token)) > 0) {
 *     if (token.kind != MOTE_JSON_NAME || token.depth == 1) continue;
 *     if (mote_json_equals(&token, MOTE_TEXT("interval"))) expected = INTERVAL;
 *     else mote_json_skip(&reader);
 *   }
 *   if (result < 0) ...the document is broken at mote_json_offset(&reader)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MOTE_JSON_H
#define MOTE_JSON_H

#include "mote.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Reading ------------------------------------------------------------------------------------------ */

/** Most objects and arrays that can be open at a time, for the reader and the writer. IoT Hub's twins need 11. */
#define MOTE_JSON_DEPTH 32

/** Size of mote_json_reader in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_JSON_READER_SIZE 104
#else
#define MOTE_JSON_READER_SIZE 72
#endif

/** Reads one document. Opaque; owned by the caller. */
typedef struct mote_json_reader {
  uint64_t opaque[MOTE_JSON_READER_SIZE / 8];
} mote_json_reader;

/* What a token is. */
#define MOTE_JSON_BEGIN_OBJECT 1
#define MOTE_JSON_BEGIN_ARRAY 2
#define MOTE_JSON_NAME 3 /**< A member's name; its value follows. Of two members with one name, both are told. */
#define MOTE_JSON_STRING 4
#define MOTE_JSON_NUMBER 5
#define MOTE_JSON_TRUE 6
#define MOTE_JSON_FALSE 7
#define MOTE_JSON_NULL 8
#define MOTE_JSON_END_OBJECT 9
#define MOTE_JSON_END_ARRAY 10

/**
 * One token. `text` is in the reader's buffer until its next call: a name or string in UTF-8 with escapes decoded, not
 * NUL-terminated, in which an escaped NUL is a NUL; or a number as it stands in the document. A text that is not at least 4
 * bytes shorter than the buffer comes as several tokens of the same kind, none of which ends within a character; the last
 * one may be empty.
 */
typedef struct mote_json_token {
  int32_t kind;     /**< MOTE_JSON_* */
  int32_t depth;    /**< How many objects and arrays are open around it; the same for a beginning and its end. */
  int32_t complete; /**< 0: more of this text follows. */
  const char *text;
  size_t text_length;
  size_t offset; /**< How many bytes of this text came before, in earlier tokens. */
} mote_json_token;

/**
 * Initialises a reader. `size` is sizeof(mote_json_reader). `buffer`, 4 bytes or more, is where texts are told, and is
 * borrowed; let it be 4 bytes longer than the longest name and number that matter. `depth` is the most objects and arrays that may be open at a
 * time, MOTE_JSON_DEPTH at most. MOTE_OK, MOTE_ERROR_SIZE, or MOTE_ERROR_ARGUMENT. For the next document, or to give one
 * up: again.
 */
mote_status mote_json_reader_init(mote_json_reader *reader, size_t size, char *buffer, size_t capacity, int32_t depth);

/**
 * Gives the document's next piece, cut anywhere, which is borrowed until mote_json_next is not above zero. `is_last`: 1
 * when the document ends with it, else 0. MOTE_ERROR_STATE, and nothing changes, when the piece before has not been
 * read to its end, or was the last.
 */
mote_status mote_json_feed(mote_json_reader *reader, const uint8_t *bytes, size_t length, int32_t is_last);

/**
 * Reads the next token: 1 when there is one, and 0 when another piece is needed, or the document has ended with the last.
 * Tokens are the same however the document was cut. Below zero it is broken, at mote_json_offset, and nothing more is read:
 * MOTE_ERROR_JSON_VALUE to MOTE_ERROR_JSON_CUT.
 */
int32_t mote_json_next(mote_json_reader *reader, mote_json_token *token);

/**
 * Passes over what the last token began: after a name, the member's value; after a beginning, all up to its end; after an
 * incomplete text, the rest, and after that of a name its value too; before the first token, the whole document. Otherwise
 * nothing. What is passed over may be of any size, is checked, and not told, nor is its end.
 */
mote_status mote_json_skip(mote_json_reader *reader);

/** How many bytes of the document were read; after an error, the offset of the byte that broke the rule. */
size_t mote_json_offset(const mote_json_reader *reader);

/** 1 when the token's text is `text`, all of it; else 0. */
int32_t mote_json_equals(const mote_json_token *token, const char *text, size_t length);

/**
 * The number as an integer: 21, also when it is written 2.1e1. MOTE_OK; MOTE_ERROR_JSON_KIND when the token is no number,
 * only a part of one, or has a fraction; MOTE_ERROR_JSON_RANGE when it does not fit. After an error `value` is unchanged.
 */
mote_status mote_json_int32(const mote_json_token *token, int32_t *value);

/** The same for 64 bits. */
mote_status mote_json_int64(const mote_json_token *token, int64_t *value);

/**
 * The number times ten to the power of `decimals` (0 to 18): 21.5 is 2150 with two. 1 when it had to be rounded, to the
 * nearest, halves away from zero; else 0, or an error as above.
 */
int32_t mote_json_fixed_point(const mote_json_token *token, int32_t decimals, int64_t *value);

/* ---- Writing ------------------------------------------------------------------------------------------ */

/** Size of mote_json_writer in bytes. */
#if UINTPTR_MAX > 0xFFFFFFFFu
#define MOTE_JSON_WRITER_SIZE 48
#else
#define MOTE_JSON_WRITER_SIZE 32
#endif

/** Writes one document. Opaque; owned by the caller. */
typedef struct mote_json_writer {
  uint64_t opaque[MOTE_JSON_WRITER_SIZE / 8];
} mote_json_writer;

/*
 * Writing has no results: the first mistake stays, and mote_json_finish tells it. Commas, colons and escapes come by
 * themselves. Strings are UTF-8 without U+0000.
 */

/**
 * Initialises a writer into `buffer`, which is borrowed until mote_json_finish. `size` is sizeof(mote_json_writer).
 * MOTE_OK, MOTE_ERROR_SIZE, or MOTE_ERROR_ARGUMENT.
 */
mote_status mote_json_writer_init(mote_json_writer *writer, size_t size, uint8_t *buffer, size_t capacity);

/** Begins an object or array, up to mote_json_end. */
void mote_json_begin_object(mote_json_writer *writer);
void mote_json_begin_array(mote_json_writer *writer);

/** Ends the innermost object or array. */
void mote_json_end(mote_json_writer *writer);

/** Writes a member's name; its value is next. */
void mote_json_name(mote_json_writer *writer, const char *text, size_t length);

/** Writes a value. */
void mote_json_string(mote_json_writer *writer, const char *text, size_t length);
void mote_json_integer(mote_json_writer *writer, int64_t value);
void mote_json_bool(mote_json_writer *writer, int32_t value); /**< 0: `false`; else `true`. */
void mote_json_null(mote_json_writer *writer);

/** Writes `value` divided by ten to the power of `decimals` (0 to 18): 2150 with two is `21.50`. */
void mote_json_decimal(mote_json_writer *writer, int64_t value, int32_t decimals);

/** Writes one value that is JSON already, as it is: nothing checks it. */
void mote_json_raw(mote_json_writer *writer, const char *text, size_t length);

/*
 * IoT Plug and Play.
 *
 * mote_json_begin_component begins a component, an object with its marker, up to mote_json_end.
 *
 * A writable property is acknowledged by what stands between the other two: mote_json_begin_acknowledgement, its value as it
 * is now, and mote_json_end_acknowledgement with `code` (200 done, 202 in progress, 203 a value of the device's own, with
 * version 0, 400 refused), the desired `$version` that was acted on, and a description, null for none. In the reported
 * properties: {"interval":{"value":60,"ac":200,"av":3,"ad":"done"}}
 */
void mote_json_begin_component(mote_json_writer *writer, const char *name, size_t length);
void mote_json_begin_acknowledgement(mote_json_writer *writer, const char *name, size_t length);
void mote_json_end_acknowledgement(mote_json_writer *writer, int32_t code, int64_t version, const char *description,
                                   size_t length);

/**
 * Ends the document. The result is its length; MOTE_ERROR_BUFFER_TOO_SMALL: mote_json_size_needed says how large the buffer
 * has to be; MOTE_ERROR_JSON_ORDER: a value without a name, a name without a value, an end without a beginning or the other
 * way round, or not one value; MOTE_ERROR_JSON_TEXT: a string that is not UTF-8, or has a NUL; MOTE_ERROR_JSON_DEPTH;
 * MOTE_ERROR_ARGUMENT: a null pointer, or decimals that cannot be.
 */
int32_t mote_json_finish(mote_json_writer *writer);

/** How many bytes the document takes that was written so far. */
size_t mote_json_size_needed(const mote_json_writer *writer);

#ifdef __cplusplus
}
#endif

#endif
