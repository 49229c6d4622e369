// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "martlet-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "martlet", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .target(name: "Measuring", swiftSettings: settings),
    .target(name: "SyncCounter"),
    .executableTarget(
      name: "wordcount-bench",
      dependencies: ["Measuring", .product(name: "Martlet", package: "martlet")],
      swiftSettings: settings),
    // Apart from the others, because Foundation and DuckDB would slow their start.
    .executableTarget(
      name: "json-bench",
      dependencies: [
        "Measuring", .product(name: "Martlet", package: "martlet"), .product(name: "MartletSQL", package: "martlet"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "martlet-bench",
      dependencies: [
        "Measuring", "SyncCounter", .product(name: "Martlet", package: "martlet"),
        .product(name: "MartletTesting", package: "martlet"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "sql-bench",
      dependencies: [
        "Measuring", .product(name: "MartletSQL", package: "martlet"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ]
)
