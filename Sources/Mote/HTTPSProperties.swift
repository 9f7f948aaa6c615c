import MoteBytes
import MoteHTTP

/// What a property of a message is called in a property bag, behind `$.`, and as a header over HTTPS.
private var table: StaticString {
  """
  mid=iothub-messageid;cid=iothub-correlationid;uid=iothub-userid;ct=iothub-contenttype;ce=iothub-contentencoding;\
  ctime=iothub-creationtimeutc;exp=iothub-expiry;to=iothub-to;ifid=iothub-interface-id;sub=dt-subject;\
  ct=contenttype;ce=contentencoding;
  """
}
private var prefix: StaticString { "iothub-app-" }

extension Span where Element == UInt8 {
  /// Where `character` is next, from `start` on.
  fileprivate func next(_ character: StaticString, from start: Int) -> Int {
    var index = start
    while index < count && self[index] != character.bytes[0] { index &+= 1 }
    return index
  }
}

extension Writer {
  /// Appends what the property is called as a header. False when there is no such header.
  @inline(never) mutating func appendHeaderName(ofProperty name: Span<UInt8>) -> Bool {
    guard name.count > 1 && name[0] == UInt8(ascii: "$") && name[1] == UInt8(ascii: ".") else {
      append(prefix)
      append(name)
      return true
    }
    let key = name.extracting(2..<name.count)
    let names = table.bytes
    var start = 0
    while start < names.count {
      let equals = names.next("=", from: start)
      let end = names.next(";", from: equals)
      if names.extracting(start..<equals).equals(key) {
        append(names.extracting(equals &+ 1..<end))
        return true
      }
      start = end &+ 1
    }
    return false
  }

  /// Appends what the header is called as a property, percent-encoded. False when it is no property.
  @inline(never) mutating func appendPropertyName(ofHeader name: Span<UInt8>) -> Bool {
    if name.hasPrefixIgnoringCase(prefix) {
      appendPercentEncoded(name.extracting(prefix.utf8CodeUnitCount..<name.count))
      return name.count > prefix.utf8CodeUnitCount
    }
    let names = table.bytes
    var start = 0
    while start < names.count {
      let equals = names.next("=", from: start)
      let end = names.next(";", from: equals)
      if name.equalsIgnoringCase(names.extracting(equals &+ 1..<end)) {
        append("%24.")
        append(names.extracting(start..<equals))
        return true
      }
      start = end &+ 1
    }
    return false
  }
}
