// swift-tools-version: 6.2
import PackageDescription

// A package that uses Martlet as others do: what is not public, it cannot see.
let package = Package(
  name: "outside-source",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "martlet", path: "../..")],
  targets: [
    .executableTarget(name: "outside-source", dependencies: [.product(name: "Martlet", package: "martlet")])
  ]
)
