import CMote
import Mote
import MoteBytes
import MoteC
import MoteHTTP
import MoteHub
import MoteJSON
import MoteMQTT
import MoteProxy
import MoteWebSocket
import Testing

/// The numbers of mote.h are those of the rooms.
struct StatusNumberTests {
  @Test(
    "Failures of MQTT",
    arguments: [
      (Failure.state, MOTE_ERROR_STATE), (.timedOut, MOTE_ERROR_TIMED_OUT),
      (.remainingLength, MOTE_ERROR_MQTT_REMAINING_LENGTH), (.packetType, MOTE_ERROR_MQTT_PACKET_TYPE),
      (.flags, MOTE_ERROR_MQTT_FLAGS), (.qualityOfService, MOTE_ERROR_MQTT_QUALITY_OF_SERVICE),
      (.qualityOfService2, MOTE_ERROR_MQTT_QOS_2), (.duplicateFlag, MOTE_ERROR_MQTT_DUPLICATE_FLAG),
      (.length, MOTE_ERROR_MQTT_LENGTH), (.stringLength, MOTE_ERROR_MQTT_STRING_LENGTH),
      (.topic, MOTE_ERROR_MQTT_TOPIC),
      (.packetIdentifier, MOTE_ERROR_MQTT_PACKET_IDENTIFIER), (.connackExpected, MOTE_ERROR_MQTT_CONNACK_EXPECTED),
      (.connackUnexpected, MOTE_ERROR_MQTT_CONNACK_UNEXPECTED), (.connackFlags, MOTE_ERROR_MQTT_CONNACK_FLAGS),
      (.connackCode, MOTE_ERROR_MQTT_CONNACK_CODE), (.sessionPresent, MOTE_ERROR_MQTT_SESSION_PRESENT),
      (.subackCode, MOTE_ERROR_MQTT_SUBACK_CODE), (.subackCount, MOTE_ERROR_MQTT_SUBACK_COUNT),
      (.keepAlive, MOTE_ERROR_MQTT_KEEP_ALIVE), (.refusedProtocol, MOTE_ERROR_REFUSED_PROTOCOL),
      (.refusedIdentifier, MOTE_ERROR_REFUSED_IDENTIFIER), (.refusedUnavailable, MOTE_ERROR_REFUSED_UNAVAILABLE),
      (.refusedCredentials, MOTE_ERROR_REFUSED_CREDENTIALS), (.refusedAuthorisation, MOTE_ERROR_REFUSED_AUTHORISATION),
      (.outboxFull, MOTE_ERROR_OUTBOX_FULL), (.tooLarge, MOTE_ERROR_TOO_LARGE), (.invalidTopic, MOTE_ERROR_TOPIC),
      (.identifiers, MOTE_ERROR_IDENTIFIERS), (.sourceBusy, MOTE_ERROR_SOURCE_BUSY),
      (.dropped, MOTE_ERROR_DROPPED), (.expired, MOTE_ERROR_EXPIRED),
    ])
  func mqtt(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test(
    "Failures of connection strings",
    arguments: [
      (Failure.connectionStringItem, MOTE_ERROR_CONNECTION_STRING_ITEM),
      (.connectionStringKey, MOTE_ERROR_CONNECTION_STRING_KEY),
      (.connectionStringDuplicate, MOTE_ERROR_CONNECTION_STRING_DUPLICATE),
      (.connectionStringPolicy, MOTE_ERROR_CONNECTION_STRING_POLICY),
      (.connectionStringHost, MOTE_ERROR_CONNECTION_STRING_HOST),
      (.connectionStringDevice, MOTE_ERROR_CONNECTION_STRING_DEVICE),
      (.connectionStringModule, MOTE_ERROR_CONNECTION_STRING_MODULE),
      (.connectionStringSecret, MOTE_ERROR_CONNECTION_STRING_SECRET),
      (.connectionStringCredential, MOTE_ERROR_CONNECTION_STRING_CREDENTIAL),
      (.connectionStringGateway, MOTE_ERROR_CONNECTION_STRING_GATEWAY),
    ])
  func hub(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test(
    "Failures of JSON",
    arguments: [
      (Failure.argument, MOTE_ERROR_ARGUMENT), (.bufferTooSmall, MOTE_ERROR_BUFFER_TOO_SMALL),
      (.jsonValue, MOTE_ERROR_JSON_VALUE), (.jsonName, MOTE_ERROR_JSON_NAME), (.jsonColon, MOTE_ERROR_JSON_COLON),
      (.jsonComma, MOTE_ERROR_JSON_COMMA), (.jsonTrailing, MOTE_ERROR_JSON_TRAILING),
      (.jsonLiteral, MOTE_ERROR_JSON_LITERAL), (.jsonNumber, MOTE_ERROR_JSON_NUMBER),
      (.jsonControl, MOTE_ERROR_JSON_CONTROL), (.jsonEscape, MOTE_ERROR_JSON_ESCAPE),
      (.jsonSurrogate, MOTE_ERROR_JSON_SURROGATE), (.jsonText, MOTE_ERROR_JSON_TEXT),
      (.jsonDepth, MOTE_ERROR_JSON_DEPTH), (.jsonCut, MOTE_ERROR_JSON_CUT), (.jsonKind, MOTE_ERROR_JSON_KIND),
      (.jsonRange, MOTE_ERROR_JSON_RANGE), (.jsonOrder, MOTE_ERROR_JSON_ORDER),
    ])
  func json(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test(
    "Failures of HTTP",
    arguments: [
      (Failure.httpClosed, MOTE_ERROR_CLOSED), (.httpStatusLine, MOTE_ERROR_HTTP_STATUS_LINE),
      (.httpLine, MOTE_ERROR_HTTP_LINE), (.httpHeader, MOTE_ERROR_HTTP_HEADER),
      (.httpFolding, MOTE_ERROR_HTTP_FOLDING), (.httpLength, MOTE_ERROR_HTTP_LENGTH),
      (.httpEncoding, MOTE_ERROR_HTTP_ENCODING), (.httpChunk, MOTE_ERROR_HTTP_CHUNK),
      (.httpLimit, MOTE_ERROR_HTTP_LIMIT), (.httpCut, MOTE_ERROR_HTTP_CUT),
      (.httpUnexpected, MOTE_ERROR_HTTP_UNEXPECTED), (.httpField, MOTE_ERROR_HTTP_FIELD),
      (.httpTooLarge, MOTE_ERROR_TOO_LARGE),
    ])
  func http(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test("Settlements of a message")
  func settlements() {
    #expect(Int32(HTTPS.Settlement.complete.rawValue) == MOTE_COMPLETE)
    #expect(Int32(HTTPS.Settlement.reject.rawValue) == MOTE_REJECT)
    #expect(Int32(HTTPS.Settlement.abandon.rawValue) == MOTE_ABANDON)
    #expect(HTTPS.Settlement(rawValue: 4) == nil)
  }

  @Test(
    "Events of HTTP",
    arguments: [
      (HTTPEvent.Kind.response, MOTE_HTTP_RESPONSE), (.header, MOTE_HTTP_HEADER), (.skipped, MOTE_HTTP_SKIPPED),
      (.body, MOTE_HTTP_BODY), (.complete, MOTE_HTTP_COMPLETE),
    ])
  func httpEvents(_ kind: HTTPEvent.Kind, _ number: Int32) { #expect(Int32(kind.rawValue) == number) }

  @Test(
    "Failures of proxies",
    arguments: [
      (Failure.proxyCredentials, MOTE_ERROR_PROXY_CREDENTIALS), (.proxyForbidden, MOTE_ERROR_PROXY_FORBIDDEN),
      (.proxyUnreachable, MOTE_ERROR_PROXY_UNREACHABLE), (.proxyRefused, MOTE_ERROR_PROXY_REFUSED),
      (.proxyAnswer, MOTE_ERROR_PROXY_ANSWER),
    ])
  func proxies(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test(
    "Failures of WebSockets",
    arguments: [
      (Failure.webSocketRefused, MOTE_ERROR_WEBSOCKET_REFUSED), (.webSocketAnswer, MOTE_ERROR_WEBSOCKET_ANSWER),
      (.webSocketAccept, MOTE_ERROR_WEBSOCKET_ACCEPT), (.webSocketFrame, MOTE_ERROR_WEBSOCKET_FRAME),
      (.webSocketMasked, MOTE_ERROR_WEBSOCKET_MASKED), (.webSocketText, MOTE_ERROR_WEBSOCKET_TEXT),
      (.webSocketLength, MOTE_ERROR_WEBSOCKET_LENGTH), (.webSocketControl, MOTE_ERROR_WEBSOCKET_CONTROL),
    ])
  func webSockets(_ failure: Failure, _ status: Int32) { #expect(failure.code == status) }

  @Test(
    "Tokens of JSON",
    arguments: [
      (JSONToken.Kind.beginObject, MOTE_JSON_BEGIN_OBJECT), (.beginArray, MOTE_JSON_BEGIN_ARRAY),
      (.name, MOTE_JSON_NAME),
      (.string, MOTE_JSON_STRING), (.number, MOTE_JSON_NUMBER), (.true, MOTE_JSON_TRUE), (.false, MOTE_JSON_FALSE),
      (.null, MOTE_JSON_NULL), (.endObject, MOTE_JSON_END_OBJECT), (.endArray, MOTE_JSON_END_ARRAY),
    ])
  func tokens(_ kind: JSONToken.Kind, _ number: Int32) {
    #expect(Int32(kind.rawValue) == number)
    #expect(Int32(JSONReader.deepest) == MOTE_JSON_DEPTH)
  }

  @Test(
    "Steps",
    arguments: [
      (Step.idle, MOTE_STEP_IDLE), (.resolve, MOTE_STEP_RESOLVE), (.connect, MOTE_STEP_CONNECT),
      (.handshake, MOTE_STEP_HANDSHAKE), (.greeting, MOTE_STEP_GREETING), (.subscribe, MOTE_STEP_SUBSCRIBE),
      (.work, MOTE_STEP_WORK), (.closing, MOTE_STEP_CLOSING),
    ])
  func steps(_ step: Step, _ number: Int32) { #expect(step.rawValue == number) }

  @Test(
    "Events of a client",
    arguments: [
      (DeviceEvent.Kind.none, MOTE_EVENT_NONE), (.connected, MOTE_EVENT_CONNECTED),
      (.disconnected, MOTE_EVENT_DISCONNECTED), (.sent, MOTE_EVENT_SENT), (.failed, MOTE_EVENT_FAILED),
      (.message, MOTE_EVENT_MESSAGE), (.aborted, MOTE_EVENT_ABORTED), (.skipped, MOTE_EVENT_SKIPPED),
      (.twin, MOTE_EVENT_TWIN), (.desired, MOTE_EVENT_DESIRED), (.reported, MOTE_EVENT_REPORTED),
      (.method, MOTE_EVENT_METHOD),
    ])
  func events(_ kind: DeviceEvent.Kind, _ number: Int32) { #expect(kind.rawValue == number) }

  @Test(
    "Events of a session",
    arguments: [
      (Event.Kind.connected, MOTE_MQTT_CONNECTED), (.message, MOTE_MQTT_MESSAGE),
      (.acknowledged, MOTE_MQTT_ACKNOWLEDGED), (.subscribed, MOTE_MQTT_SUBSCRIBED),
      (.unsubscribed, MOTE_MQTT_UNSUBSCRIBED), (.aborted, MOTE_MQTT_ABORTED), (.skipped, MOTE_MQTT_SKIPPED),
      (.dropped, MOTE_MQTT_DROPPED), (.expired, MOTE_MQTT_EXPIRED),
    ])
  func sessionEvents(_ kind: Event.Kind, _ number: Int32) { #expect(Int32(kind.rawValue) == number) }

  @Test(
    "What a full outbox does",
    arguments: [
      (WhenFull.refuses, MOTE_FULL_REFUSES), (.dropsOldest, MOTE_FULL_DROPS_OLDEST),
      (.dropsNewest, MOTE_FULL_DROPS_NEWEST),
    ])
  func whenFull(_ kind: WhenFull, _ number: Int32) { #expect(kind.rawValue == number) }

  @Test("Flags of messages")
  func flags() {
    #expect(Int32(MessageFlags.none.rawValue) == MOTE_QOS_0)
    #expect(Int32(MessageFlags.acknowledged.rawValue) == MOTE_QOS_1)
    #expect(Int32(MessageFlags.retain.rawValue) == MOTE_RETAIN)
    #expect(Int32(MessageFlags.duplicate.rawValue) == MOTE_DUPLICATE)
  }

  @Test("The version's parts are the version's")
  func version() {
    #expect(mote_version() == MOTE_VERSION)
    #expect(
      MOTE_VERSION == UInt32(MOTE_VERSION_MAJOR) << 16 | UInt32(MOTE_VERSION_MINOR) << 8 | UInt32(MOTE_VERSION_PATCH))
  }
}
