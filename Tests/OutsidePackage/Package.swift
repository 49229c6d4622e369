// swift-tools-version: 6.2
import PackageDescription

// A package that uses Martlet as others do: it sees nothing that is not public.
let package = Package(
  name: "outside",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "martlet", path: "../..")],
  targets: [
    // A program with a source and a sink of its own.
    .executableTarget(name: "numbers", dependencies: [.product(name: "Martlet", package: "martlet")]),
    // Kills it.
    .executableTarget(
      name: "torture-numbers",
      dependencies: [
        "numbers", .product(name: "MartletTorture", package: "martlet"),
        .product(name: "MartletFaults", package: "martlet"),
      ]),
  ]
)
