import MoteBytes
import MoteHTTP

/// What begins the header of an application's property; then what a system property is called in a property bag, behind `$.`,
/// and as a header.
private var table: StaticString {
  """
  iothub-app-;mid=iothub-messageid;cid=iothub-correlationid;uid=iothub-userid;ct=iothub-contenttype;ce=iothub-contentencoding;\
  ctime=iothub-creationtimeutc;exp=iothub-expiry;to=iothub-to;ifid=iothub-interface-id;sub=dt-subject;\
  ct=contenttype;ce=contentencoding;
  """
}
private var prefix: StaticString { "iothub-app-" }
private var firstName: Int { prefix.utf8CodeUnitCount &+ 1 }

extension Span where Element == UInt8 {
  /// Where `character` is next, from `start` on.
  fileprivate func next(_ character: StaticString, from start: Int) -> Int {
    var index = start
    while index < count && self[index] != character.bytes[0] { index &+= 1 }
    return index
  }
}

/// What a property is called as a header: a text that is known, and behind it what is left of its own name.
struct HeaderName {
  private var start = 0
  private var end = prefix.utf8CodeUnitCount
  /// Where in the property's name that begins.
  private(set) var rest = 0

  /// Nil when there is no such header.
  @inline(never) init?(ofProperty name: Span<UInt8>) {
    guard name.count > 1 && name[0] == UInt8(ascii: "$") && name[1] == UInt8(ascii: ".") else { return }
    let key = name.extracting(2..<name.count)
    let names = table.bytes
    var start = firstName
    while start < names.count {
      let equals = names.next("=", from: start)
      let end = names.next(";", from: equals)
      if names.extracting(start..<equals).equals(key) {
        self.start = equals &+ 1
        self.end = end
        rest = name.count
        return
      }
      start = end &+ 1
    }
    return nil
  }

  var known: Span<UInt8> {
    @_lifetime(immortal) get { table.bytes.extracting(start..<end) }
  }
}

extension Writer {
  /// Appends what the property is called as a header. False when there is no such header.
  @inline(never) mutating func appendHeaderName(ofProperty name: Span<UInt8>) -> Bool {
    guard let header = HeaderName(ofProperty: name) else { return false }
    append(header.known)
    append(name.extracting(header.rest..<name.count))
    return true
  }

  /// Appends what the header is called as a property, percent-encoded. False when it is no property.
  @inline(never) mutating func appendPropertyName(ofHeader name: Span<UInt8>) -> Bool {
    if name.hasPrefixIgnoringCase(prefix) {
      appendPercentEncoded(name.extracting(prefix.utf8CodeUnitCount..<name.count))
      return name.count > prefix.utf8CodeUnitCount
    }
    let names = table.bytes
    var start = firstName
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
