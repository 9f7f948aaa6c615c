/* The sizes that mote.h promises, as far as C can see them; the Swift side asserts that its values fit. */
#include "mote.h"
#include "mote_http.h"
#include "mote_https.h"
#include "mote_json.h"
#include "mote_linux.h"
#include "mote_upload.h"

typedef char mote_mqtt_has_its_size[sizeof(mote_mqtt) == MOTE_MQTT_SIZE ? 1 : -1];
typedef char mote_client_has_its_size[sizeof(mote_client) == MOTE_CLIENT_SIZE ? 1 : -1];
typedef char mote_journal_has_its_size[sizeof(mote_journal) == MOTE_JOURNAL_SIZE ? 1 : -1];
typedef char mote_http_has_its_size[sizeof(mote_http) == MOTE_HTTP_SIZE ? 1 : -1];
typedef char mote_https_has_its_size[sizeof(mote_https) == MOTE_HTTPS_SIZE ? 1 : -1];
typedef char mote_upload_has_its_size[sizeof(mote_upload) == MOTE_UPLOAD_SIZE ? 1 : -1];
typedef char mote_json_reader_has_its_size[sizeof(mote_json_reader) == MOTE_JSON_READER_SIZE ? 1 : -1];
typedef char mote_json_writer_has_its_size[sizeof(mote_json_writer) == MOTE_JSON_WRITER_SIZE ? 1 : -1];
typedef char mote_websocket_has_its_size[sizeof(mote_websocket) == MOTE_WEBSOCKET_SIZE ? 1 : -1];
typedef char mote_proxy_has_its_size[sizeof(mote_proxy) == MOTE_PROXY_SIZE ? 1 : -1];
typedef char mote_twin_has_its_size[sizeof(mote_twin) == MOTE_TWIN_SIZE ? 1 : -1];
typedef char mote_methods_has_its_size[sizeof(mote_methods) == MOTE_METHODS_SIZE ? 1 : -1];
