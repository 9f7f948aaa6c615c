// swift-tools-version: 6.2
import PackageDescription

/// What every room is compiled with.
let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the device side: no heap, no Foundation, Embedded Swift on a device.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A C room, which sees mote.h.
func cRoom(_ name: String, _ dependencies: [Target.Dependency] = [], linking libraries: [String] = []) -> Target {
  .target(name: name, dependencies: ["CMote"] + dependencies, linkerSettings: libraries.map { .linkedLibrary($0) })
}

/// A product of a package from outside: host tools alone have them, and only with the trait `Tools`.
func tool(_ product: String, of package: String) -> Target.Dependency {
  .product(name: product, package: package, condition: .when(traits: ["Tools"]))
}

/// A test target, which may look at what `package` access shows.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "Mote",
  products: [
    .library(name: "Mote", targets: ["Mote", "MoteLinux"]),
    .library(name: "MoteC", type: .static, targets: ["MoteC"]),
    .executable(name: "mote", targets: ["MoteCommand"]),
    .executable(name: "mote-hub", targets: ["MoteHubCommand"]),
  ],
  traits: [
    .trait(name: "Tools", description: "The command lines and the emulator, with the packages they need from outside.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    room("MoteBytes"),
    room("MoteJSON", ["MoteBytes"]),
    room("MoteMQTT", ["MoteBytes"]),
    room("MoteHTTP", ["MoteBytes"]),
    room("MoteWebSocket", ["MoteBytes"]),
    room("MoteJournal", ["MoteBytes", "MoteMQTT", "CMote"]),
    .target(name: "CMote", path: "Embedded", sources: ["assertions.c"], publicHeadersPath: "include"),
    cRoom("CMoteCrypto", linking: ["mbedcrypto"]),
    room("MoteCrypto", ["CMoteCrypto"]),
    cRoom("CMoteTLS", ["CMoteCrypto"], linking: ["mbedtls", "mbedx509", "mbedcrypto"]),
    room("MoteTLS", ["MoteBytes", "CMote", "CMoteTLS"]),
    room("MoteTransport", ["MoteBytes", "CMote", "MoteTLS"]),
    room("MoteProxy", ["MoteBytes", "CMote"]),
    room("MoteHub", ["MoteBytes", "CMote", "MoteCrypto", "MoteJSON"]),
    room(
      "Mote",
      [
        "MoteBytes", "CMote", "CMoteTLS", "MoteMQTT", "MoteHTTP", "MoteWebSocket", "MoteJournal", "MoteTLS",
        "MoteTransport", "MoteHub",
      ]),
    room(
      "MoteC",
      [
        "MoteBytes", "CMote", "MoteJSON", "MoteMQTT", "MoteHTTP", "MoteJournal", "MoteTLS", "MoteTransport",
        "MoteProxy", "MoteHub", "Mote",
      ]),
    cRoom("CMoteLinux"),
    room("MoteLinux", ["CMote", "CMoteLinux", "MoteTransport"]),
    .target(name: "CMoteCommand", dependencies: ["CMote", "CMoteTLS"]),
    .executableTarget(
      name: "MoteCommand",
      dependencies: [
        "MoteBytes", "CMote", "CMoteTLS", "MoteMQTT", "MoteTLS", "MoteTransport", "MoteHub", "Mote", "MoteLinux",
        "MoteHTTP", "MoteJSON", "MoteProxy", "MoteJournal",
        "CMoteCommand",
        tool("ArgumentParser", of: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    cRoom("CMoteHubEmulator", linking: ["mbedx509", "mbedcrypto"]),
    .target(
      name: "MoteHubEmulator",
      dependencies: [
        "CMoteHubEmulator", "MoteCrypto",
        tool("NIOCore", of: "swift-nio"), tool("NIOPosix", of: "swift-nio"), tool("NIOHTTP1", of: "swift-nio"),
        tool("NIOWebSocket", of: "swift-nio"), tool("NIOTLS", of: "swift-nio"),
        tool("NIOFoundationCompat", of: "swift-nio"),
        tool("NIOSSL", of: "swift-nio-ssl"), tool("Logging", of: "swift-log"), tool("GRDB", of: "GRDB.swift"),
      ],
      resources: [.embedInCode("Page/files")],
      swiftSettings: settings),
    .executableTarget(
      name: "MoteHubCommand",
      dependencies: [
        "MoteHubEmulator",
        tool("ArgumentParser", of: "swift-argument-parser"), tool("Logging", of: "swift-log"),
        tool("NIOCore", of: "swift-nio"), tool("NIOPosix", of: "swift-nio"), tool("NIOHTTP1", of: "swift-nio"),
        tool("NIOSSL", of: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .target(name: "MoteTestSupport", dependencies: ["MoteBytes"], path: "Tests/Support", swiftSettings: settings),
    tests("MoteBytesTests", ["MoteTestSupport", "MoteBytes"]),
    tests("MoteJSONTests", ["MoteTestSupport", "MoteJSON", "MoteBytes"]),
    tests("MoteMQTTTests", ["MoteTestSupport", "MoteMQTT", "MoteBytes"]),
    tests("MoteHTTPTests", ["MoteTestSupport", "MoteHTTP", "MoteBytes"]),
    tests("MoteWebSocketTests", ["MoteTestSupport", "MoteWebSocket", "MoteBytes"]),
    tests("MoteProxyTests", ["MoteTestSupport", "MoteProxy", "MoteBytes", "CMote"]),
    tests("MoteJournalTests", ["MoteTestSupport", "MoteJournal", "MoteMQTT", "MoteBytes", "CMote"]),
    tests("MoteHubTests", ["MoteTestSupport", "MoteHub", "MoteBytes", "MoteCrypto", "MoteJSON", "CMote"]),
    tests(
      "MoteTests",
      [
        "MoteTestSupport", "Mote", "MoteC", "MoteBytes", "CMote", "MoteJSON", "MoteMQTT", "MoteHTTP", "MoteWebSocket",
        "MoteProxy", "MoteTLS", "MoteTransport", "MoteHub",
        "CMoteTLS", "CMoteCommand",
      ]),
    tests(
      "MoteHubEmulatorTests",
      [
        "MoteHubEmulator",
        tool("NIOCore", of: "swift-nio"), tool("NIOPosix", of: "swift-nio"), tool("NIOEmbedded", of: "swift-nio"),
        tool("NIOHTTP1", of: "swift-nio"), tool("NIOSSL", of: "swift-nio-ssl"), tool("Logging", of: "swift-log"),
        tool("GRDB", of: "GRDB.swift"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
