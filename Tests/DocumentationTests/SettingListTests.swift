import Foundation
import MartletTesting
import Testing

/// The names of settings, in the declarations of the sources and in programs.
@Suite("The settings") struct SettingListTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The constants of all sources that name a setting.
  private func declared() throws -> Set<String> {
    let sources = root.appendingPathComponent("Sources")
    var names: Set<String> = []
    for case let file as String in try #require(FileManager.default.enumerator(atPath: sources.path))
    where file.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
      names.formUnion(text.matches(of: /static let \w+ = "(martlet\.[^"]+)"/).map { String($0.1) })
    }
    return names
  }

  @Test("Every constant that names a setting is known, and every known setting has a constant")
  func everySettingIsKnown() throws {
    let declared = try declared()
    #expect(declared.count > 20)
    #expect(declared.subtracting(MartletConf.knownKeys).sorted() == [], "not in MartletConf.knownKeys")
    #expect(MartletConf.knownKeys.subtracting(declared).sorted() == [], "no constant names it")
  }

  @Test("Every setting that a document names is known")
  func everyDocumentedSettingIsKnown() throws {
    var found = 0
    let documents = ["guarantees", "memory", "monitoring", "programs", "recovery", "spark-to-martlet"]
    for name in documents.map({ "docs/\($0).md" }) + ["README.md"] {
      let text = try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: /`(martlet\.[A-Za-z.]+)`/) where match.1.last != "." {
        found += 1
        #expect(MartletConf.knownKeys.contains(String(match.1)), "\(name): \(match.1)")
      }
    }
    #expect(found > 5)
  }
}
