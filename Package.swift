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
  ],
  traits: [
    .trait(name: "Tools", description: "The command line, with the packages it needs from outside.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    room("MoteBytes"),
    room("MoteMQTT", ["MoteBytes"]),
    room("MoteJournal", ["MoteBytes", "MoteMQTT", "CMote"]),
    .target(name: "CMote", path: "Embedded", sources: ["assertions.c"], publicHeadersPath: "include"),
    cRoom("CMoteCrypto", linking: ["mbedcrypto"]),
    room("MoteCrypto", ["CMoteCrypto"]),
    cRoom("CMoteTLS", ["CMoteCrypto"], linking: ["mbedtls", "mbedx509", "mbedcrypto"]),
    room("MoteTLS", ["MoteBytes", "CMote", "CMoteTLS"]),
    room("MoteTransport", ["MoteBytes", "CMote", "MoteTLS"]),
    room("MoteHub", ["MoteBytes", "CMote", "MoteCrypto"]),
    room("Mote", ["MoteBytes", "CMote", "MoteMQTT", "MoteJournal", "MoteTLS", "MoteTransport", "MoteHub"]),
    room("MoteC", ["MoteBytes", "CMote", "MoteMQTT", "MoteJournal", "MoteTLS", "MoteTransport", "MoteHub", "Mote"]),
    cRoom("CMoteLinux"),
    room("MoteLinux", ["CMote", "CMoteLinux", "MoteTransport"]),
    .target(name: "CMoteCommand", dependencies: ["CMote", "CMoteTLS"]),
    .executableTarget(
      name: "MoteCommand",
      dependencies: [
        "MoteBytes", "CMote", "CMoteTLS", "MoteMQTT", "MoteTLS", "MoteTransport", "MoteHub", "Mote", "MoteLinux",
        "MoteJournal",
        "CMoteCommand",
        .product(name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["Tools"])),
      ],
      swiftSettings: settings),
    .target(name: "MoteTestSupport", dependencies: ["MoteBytes"], path: "Tests/Support", swiftSettings: settings),
    tests("MoteBytesTests", ["MoteTestSupport", "MoteBytes"]),
    tests("MoteMQTTTests", ["MoteTestSupport", "MoteMQTT", "MoteBytes"]),
    tests("MoteJournalTests", ["MoteTestSupport", "MoteJournal", "MoteMQTT", "MoteBytes", "CMote"]),
    tests("MoteHubTests", ["MoteTestSupport", "MoteHub", "MoteBytes", "MoteCrypto", "CMote"]),
    tests(
      "MoteTests",
      [
        "MoteTestSupport", "Mote", "MoteC", "MoteBytes", "CMote", "MoteMQTT", "MoteTLS", "MoteTransport", "MoteHub",
        "CMoteCommand",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
