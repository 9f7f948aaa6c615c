import MoteBytes
import MoteJSON
import MoteTestSupport
import Testing

/// What is told of documents, token by token.
struct ReaderTests {
  @Test("A twin")
  func twin() {
    let text = #"{"desired":{"telemetrySendFrequency":"5m","$version":3},"reported":{"batteryLevel":55,"$version":7}}"#
    #expect(
      read(text).map(\.description) == [
        "beginObject@0", "name@1<desired>", "beginObject@1", "name@2<telemetrySendFrequency>", "string@2<5m>",
        "name@2<$version>", "number@2<3>", "endObject@1", "name@1<reported>", "beginObject@1",
        "name@2<batteryLevel>", "number@2<55>", "name@2<$version>", "number@2<7>", "endObject@1", "endObject@0", "end",
      ])
  }

  @Test("Each kind of value, with space wherever it may be")
  func kinds() {
    #expect(
      read(" [ true ,\tfalse\r\n,null , -1.50e+3, \"\" , [ ] , { } , {\"a\" : [ ] } ] \n").map(\.description) == [
        "beginArray@0", "true@1", "false@1", "null@1", "number@1<-1.50e+3>", "string@1", "beginArray@1", "endArray@1",
        "beginObject@1", "endObject@1", "beginObject@1", "name@2<a>", "beginArray@2", "endArray@2", "endObject@1",
        "endArray@0", "end",
      ])
  }

  @Test("Members with one name are told as they stand")
  func duplicates() {
    #expect(
      read(#"{"a":1,"a":2}"#).map(\.description) == [
        "beginObject@0", "name@1<a>", "number@1<1>", "name@1<a>", "number@1<2>", "endObject@0", "end",
      ])
  }
}
