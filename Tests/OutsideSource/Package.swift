// swift-tools-version: 6.2
import PackageDescription

// A package that uses Martlet like any other package: it cannot see declarations that are not public.
let package = Package(
  name: "outside-source",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "martlet", path: "../..")],
  targets: [
    .executableTarget(name: "outside-source", dependencies: [.product(name: "Martlet", package: "martlet")])
  ]
)
