// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func example(
  _ name: String, _ folder: String, _ library: Target.Dependency = "Martlet", exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: ["ExampleSupport", library], path: "Examples/\(folder)", exclude: exclude,
    swiftSettings: settings)
}

let package = Package(
  name: "martlet",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Martlet", targets: ["Martlet"]),
    .library(name: "MartletSQL", targets: ["MartletSQL"]),
    .library(name: "MartletDatabases", targets: ["MartletDatabases"]),
    .library(name: "MartletJDBC", targets: ["MartletJDBC"]),
    .library(name: "MartletTesting", targets: ["MartletTesting"]),
    .library(name: "MartletServiceLifecycle", targets: ["MartletServiceLifecycle"]),
    .library(name: "MartletMetrics", targets: ["MartletMetrics"]),
    .library(name: "MartletTracing", targets: ["MartletTracing"]),
    .executable(name: "martlet", targets: ["MartletCommand"]),
    .library(name: "MartletTorture", targets: ["MartletTorture"]),
    // Preloaded into the programs that MartletTorture runs.
    .library(name: "MartletFaults", type: .dynamic, targets: ["MartletFaults"]),
  ],
  traits: [
    // Packages that only use the libraries do not download the dependencies of the command: SwiftPM fetches all
    // dependencies of a package, whichever of its products are used, except those of traits that are off.
    .trait(name: "ServiceLifecycle", description: "A streaming context as a service of swift-service-lifecycle."),
    .trait(name: "Metrics", description: "The metrics of streams, for the back ends of swift-metrics."),
    .trait(name: "Tracing", description: "Spans of batches and jobs, for the back ends of swift-distributed-tracing."),
    // Enables the other traits, so that one trait turns on everything that the checks build.
    .trait(
      name: "CommandLineTool", description: "The command martlet, which inspects checkpoints and runs SQL.",
      enabledTraits: ["ServiceLifecycle", "Metrics", "Tracing"]),
  ],
  dependencies: [
    // Loggers that the program chooses, as is usual in server-side Swift; small and without dependencies.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // Services of server-side Swift.
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // Metrics and traces, for the back ends that the program chooses.
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    // Argument parsing for the command martlet.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // Floor 0
    .target(name: "CMartlet"),
    .target(name: "MartletCore", dependencies: ["CMartlet"], swiftSettings: settings),
    // DuckDB, which is loaded while a program runs.
    .target(name: "CDuckDB", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(name: "MartletDuckDB", dependencies: ["CDuckDB", "MartletCore"], swiftSettings: settings),
    // Columns in memory, and the formats of files that Swift decodes into them.
    .target(name: "MartletColumnar", dependencies: ["CMartlet", "MartletCore"], swiftSettings: settings),
    .target(name: "MartletAvro", dependencies: ["MartletColumnar", "MartletCore"], swiftSettings: settings),
    .target(name: "MartletArrow", dependencies: ["MartletColumnar", "MartletCore"], swiftSettings: settings),
    .target(name: "MartletLog", dependencies: ["MartletCore"], swiftSettings: settings),
    .target(name: "MartletState", dependencies: ["CMartlet", "MartletCore"], swiftSettings: settings),
    // Floor 1
    .target(
      name: "MartletRDD", dependencies: ["CMartlet", "MartletCore", .product(name: "Logging", package: "swift-log")],
      swiftSettings: settings),
    // Floor 2
    .target(
      name: "MartletStreaming",
      dependencies: [
        "CMartlet", "MartletCore", "MartletLog", "MartletRDD", "MartletState",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: settings),
    // Floor 3
    .target(
      name: "MartletSources",
      dependencies: [
        "CMartlet", "MartletCore", "MartletLog", "MartletRDD", "MartletStreaming",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: settings),
    .target(
      name: "MartletCheckpoint",
      dependencies: [
        "MartletCore", "MartletLog", "MartletRDD", "MartletStreaming", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: settings),
    // The client libraries of databases, which are loaded while a program runs.
    .target(name: "CDatabases", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(
      name: "MartletDatabases", dependencies: ["CDatabases", "MartletCore", "MartletStreaming"],
      swiftSettings: settings),
    .target(
      name: "MartletServiceLifecycle",
      dependencies: [
        "MartletStreaming",
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
      ], swiftSettings: settings),
    .target(
      name: "MartletMetrics",
      dependencies: [
        "MartletCore", "MartletRDD", "MartletStreaming",
        .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
      ], swiftSettings: settings),
    .target(
      name: "MartletTracing",
      dependencies: [
        "MartletCore", "MartletRDD", "MartletStreaming",
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ], swiftSettings: settings),
    // Floor 4
    .target(
      name: "Martlet",
      dependencies: ["MartletCheckpoint", "MartletCore", "MartletRDD", "MartletSources", "MartletStreaming"],
      swiftSettings: settings),
    .target(
      name: "MartletInspection",
      dependencies: [
        "MartletCheckpoint", "MartletCore", "MartletLog", "MartletSources", "MartletState", "MartletStreaming",
      ],
      swiftSettings: settings),
    // Floor 5
    .target(
      name: "MartletSQL",
      dependencies: [
        "CMartlet", "Martlet", "MartletArrow", "MartletAvro", "MartletColumnar", "MartletCore", "MartletDuckDB",
        "MartletRDD",
        "MartletStreaming", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: settings),
    // Floor 6
    .target(
      name: "MartletJDBC", dependencies: ["MartletCore", "MartletDatabases", "MartletDuckDB", "MartletSQL"],
      swiftSettings: settings),
    // Not called martlet: on file systems that ignore case, its files would conflict with those of Martlet.
    .executableTarget(
      name: "MartletCommand",
      dependencies: [
        "MartletInspection", "MartletSQL",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["CommandLineTool"])),
      ], swiftSettings: settings),
    // Side
    .target(name: "MartletTesting", dependencies: ["Martlet"], swiftSettings: settings),
    .target(name: "MartletTorture", swiftSettings: settings),
    .target(name: "MartletFaults", linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    // Examples
    .target(name: "ExampleSupport", dependencies: ["Martlet"], path: "Examples/Support", swiftSettings: settings),
    example("network-wordcount", "NetworkWordCount"),
    example("folder-wordcount", "FolderWordCount"),
    example("queue-stream", "QueueStream"),
    example("custom-receiver", "CustomReceiver"),
    example("raw-socket-grep", "RawSocketGrep"),
    example("wordcount-sentiments", "WordCountSentiments"),
    example("windowed-hashtag-count", "WindowedHashtagCount"),
    example("stateful-network-wordcount", "StatefulNetworkWordCount"),
    example("sessions", "Sessions"),
    example("recoverable-wordcount", "RecoverableWordCount"),
    example("recoverable-network-wordcount", "RecoverableNetworkWordCount"),
    example("exactly-once-postgres", "ExactlyOncePostgres", "MartletDatabases"),
    example("sql-network-wordcount", "SQLNetworkWordCount", "MartletSQL"),
    example("sensor-alerts", "SensorAlerts", "MartletSQL", exclude: ["maintenance.csv", "pumps.csv"]),
    example("json-folder-report", "JSONFolderReport", "MartletSQL", exclude: ["requests"]),
    // Fault injection for tests; see Tests/Torture/README.md
    .target(
      name: "FaultHarness", dependencies: ["MartletTorture"], path: "Tests/Torture/Harness", swiftSettings: settings),
    .executableTarget(
      name: "fault-subject",
      dependencies: [
        "ExampleSupport", "FaultHarness", "MartletDatabases", "MartletSQL", "MartletTorture", "MartletTesting",
      ],
      path: "Tests/Torture/Subject", swiftSettings: settings),
    .target(name: "TortureVerifier", path: "Tests/Torture/Verifier", swiftSettings: settings),
    .executableTarget(
      name: "torture-program", dependencies: ["FaultHarness", "MartletTorture", "Martlet", "TortureVerifier"],
      path: "Tests/Torture/Program", swiftSettings: settings),
    .target(
      name: "TortureRounds", dependencies: ["FaultHarness", "MartletTorture", "TortureVerifier"],
      path: "Tests/Torture/Rounds",
      swiftSettings: settings),
    .executableTarget(
      name: "torture", dependencies: ["FaultHarness", "MartletTorture", "TortureRounds", "TortureVerifier"],
      path: "Tests/Torture/Command", swiftSettings: settings),
    // Tests
    .target(
      name: "TestSupport", dependencies: ["MartletCore", .product(name: "Logging", package: "swift-log")],
      path: "Tests/Support", swiftSettings: settings),
    .testTarget(name: "MartletCoreTests", dependencies: ["MartletCore", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "MartletDuckDBTests", dependencies: ["CDuckDB", "MartletDuckDB", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "MartletFormatTests",
      dependencies: ["MartletArrow", "MartletAvro", "MartletColumnar", "MartletCore", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(name: "MartletLogTests", dependencies: ["MartletLog"], swiftSettings: settings),
    .testTarget(name: "MartletStateTests", dependencies: ["MartletState", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "MartletRDDTests",
      dependencies: ["MartletRDD", "TestSupport", .product(name: "Logging", package: "swift-log")],
      swiftSettings: settings),
    .testTarget(
      name: "MartletSQLTests",
      dependencies: [
        "MartletDuckDB", "MartletRDD", "MartletSQL", "MartletTesting", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "MartletDatabasesTests", dependencies: ["MartletDatabases", "MartletTesting", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "MartletJDBCTests",
      dependencies: ["MartletDatabases", "MartletDuckDB", "MartletJDBC", "MartletTesting", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "MartletServiceLifecycleTests",
      dependencies: [
        "MartletServiceLifecycle", "MartletTesting", .product(name: "Logging", package: "swift-log"),
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
      ], swiftSettings: settings),
    .testTarget(
      name: "MartletMetricsTests",
      dependencies: [
        "MartletMetrics", "MartletTesting",
        .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
      ], swiftSettings: settings),
    .testTarget(
      name: "MartletTracingTests",
      dependencies: [
        "MartletTracing", "MartletTesting",
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ], swiftSettings: settings),
    .testTarget(
      name: "MartletStreamingTests",
      dependencies: ["MartletTesting", "TestSupport", .product(name: "Logging", package: "swift-log")],
      swiftSettings: settings),
    .testTarget(
      name: "MartletSourcesTests", dependencies: ["MartletSources", "MartletTesting", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "MartletCheckpointTests", dependencies: ["MartletCheckpoint", "MartletSources", "MartletTesting"],
      swiftSettings: settings),
    .testTarget(
      name: "FaultTests",
      dependencies: [
        "FaultHarness", "MartletDatabases", "MartletDuckDB", "MartletTorture", "MartletTesting", "TestSupport",
      ],
      path: "Tests/Torture/Tests",
      swiftSettings: settings),
    // A program whose checkpoints the tests inspect.
    .executableTarget(
      name: "checkpoint-subject", dependencies: ["Martlet"], path: "Tests/CheckpointSubject", swiftSettings: settings),
    .testTarget(
      name: "MartletInspectionTests", dependencies: ["MartletInspection", "MartletTesting", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "MartletCommandTests",
      dependencies: ["MartletCommand", "MartletDuckDB", "MartletInspection", "MartletSQL", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "TortureTests",
      dependencies: ["FaultHarness", "MartletTorture", "MartletStreaming", "TortureRounds", "TortureVerifier"],
      path: "Tests/Torture/RoundTests", swiftSettings: settings),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["ExampleSupport", "FaultHarness", "MartletDuckDB", "MartletTorture", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "DocumentationTests",
      dependencies: [
        "MartletDatabases", "MartletJDBC", "MartletMetrics", "MartletSQL", "MartletTesting", "MartletTorture",
        "MartletTracing",
        .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ], swiftSettings: settings),
  ]
)
