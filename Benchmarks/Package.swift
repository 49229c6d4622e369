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
  ],
  targets: [
    .target(name: "Measuring", swiftSettings: settings),
    .executableTarget(
      name: "wordcount-bench",
      dependencies: ["Measuring", .product(name: "Martlet", package: "martlet")],
      swiftSettings: settings),
  ]
)
