import MoteBytes
import MoteHTTP
import MoteHub

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

/// What a property is called as a header.
struct HeaderName {
  /// Where it stands in the table.
  private var place = 0

  /// Nil when there is no such header.
  @inline(never) init?(ofProperty name: Span<UInt8>) {
    guard name.count > 1 && name[0] == UInt8(ascii: "$") && name[1] == UInt8(ascii: ".") else { return }
    let key = name.extracting(2..<name.count)
    let names = table.bytes
    var start = firstName
    while start < names.count {
      let equals = names.first(UInt8(ascii: "="), from: start)
      let end = names.first(UInt8(ascii: ";"), from: equals)
      if names.extracting(start..<equals).equals(key) {
        place = equals &+ 1
        return
      }
      start = end &+ 1
    }
    return nil
  }

  /// Whether the property's own name follows.
  var isPrefix: Bool { place == 0 }

  var text: Span<UInt8> {
    @inline(never) @_lifetime(immortal) get {
      table.bytes.extracting(place..<table.bytes.first(UInt8(ascii: ";"), from: place))
    }
  }
}

extension Writer {
  /// Appends what the property is called as a header. False when there is no such header.
  mutating func appendHeaderName(ofProperty name: Span<UInt8>) -> Bool {
    guard let header = HeaderName(ofProperty: name) else { return false }
    append(header.text)
    if header.isPrefix { append(name) }
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
      let equals = names.first(UInt8(ascii: "="), from: start)
      let end = names.first(UInt8(ascii: ";"), from: equals)
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
