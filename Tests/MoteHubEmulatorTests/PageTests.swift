import Foundation
import MoteHubEmulator
import Testing

struct PageTests {
  let scripts = Page.files.filter { $0.contentType.hasPrefix("text/javascript") }.map {
    String($0.path.dropFirst().dropLast(3))
  }
  let paths = Page.files.map(\.path)

  func text(_ path: String) throws -> String {
    String(decoding: try #require(Page.files.first { $0.path == path }).bytes, as: UTF8.self)
  }

  /// What stands between two marks in a text, each time.
  func between(_ before: String, _ after: Character, in text: String) -> [String] {
    text.split(separator: before, omittingEmptySubsequences: false).dropFirst().map {
      String($0.prefix { $0 != after })
    }
  }

  @Test("What the page asks for is there") func askedFor() throws {
    let html = try text("/")
    let asked = between("src=\"", "\"", in: html) + between("href=\"/", "\"", in: html).map { "/" + $0 }
    #expect(Set(asked) == ["/page.js", "/page.css", "/icon.svg"])
    for path in asked { #expect(paths.contains(path)) }
    for script in scripts {
      for path in between(" from \"", "\"", in: try text("/\(script).js")) { #expect(paths.contains(path)) }
    }
  }

  @Test("An element that a script looks for is in the page") func elements() throws {
    let html = try text("/")
    let ids = between(" id=\"", "\"", in: html)
    #expect(Set(ids).count == ids.count)
    for script in scripts {
      for id in between("find(\"", "\"", in: try text("/\(script).js")) {
        #expect(ids.contains(id), "\(script): \(id)")
      }
    }
  }

  @Test("No text becomes markup or a program") func markup() throws {
    for script in scripts {
      let source = try text("/\(script).js")
      for word in [
        "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "http:", "https:",
      ] {
        #expect(!source.contains(word), "\(script): \(word)")
      }
    }
    let html = try text("/")
    for word in ["<script>", "style=", " onclick", " onload", "<style", "http:", "https:"] {
      #expect(!html.contains(word))
    }
  }

  @Test("Every file of the folder is there, with its type") func everyFile() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Sources/MoteHubEmulator/Page/files")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)) {
      let file = try #require(Page.files.first { $0.path == (name == "page.html" ? "/" : "/" + name) }, "\(name)")
      let type = try #require(
        ["html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"][
          String(name.split(separator: ".")[1])])
      #expect(file.contentType.hasPrefix(type))
      #expect(try Array(Data(contentsOf: folder.appending(path: name))) == file.bytes)
    }
    #expect(Set(paths).count == Page.files.count)
  }

  @Test("The key is encoded in the address") func address() {
    #expect(
      Page.address(host: "127.0.0.1", port: 8080, token: "SharedAccessSignature sr=h&sig=a+b/c=&se=1&skn=é")
        == "http://127.0.0.1:8080/#key=SharedAccessSignature%20sr%3Dh%26sig%3Da%2Bb%2Fc%3D%26se%3D1%26skn%3D%C3%A9")
  }
}
