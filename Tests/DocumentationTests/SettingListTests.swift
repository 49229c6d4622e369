import Foundation
import MartletTesting
import Testing

/// The settings, as the sources declare them and as the documents name them.
@Suite("The settings") struct SettingListTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("The table of the settings has all of them, with their types, names and defaults, and no others")
  func tableIsComplete() throws {
    let text = try String(contentsOf: root.appendingPathComponent("docs/configuration.md"), encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `.") }
    let expected = MartletConf.allSettings.map {
      "| `.\($0.property)` | `\($0.type)` | `\($0.name)` | \($0.standard) | "
    }
    #expect(rows.count == expected.count && expected.count > 20)
    for row in expected { #expect(rows.contains { $0.hasPrefix(row) }, "\(row)") }
  }

  @Test("Every property that names a setting is in the list of them")
  func everySettingIsListed() throws {
    let file = root.appendingPathComponent("Sources/MartletRDD/Context/MartletConf+Settings.swift")
    let declared = try String(contentsOf: file, encoding: .utf8).matches(of: /public static var (\w+): Self/)
    #expect(declared.map { String($0.1) }.sorted() == MartletConf.allSettings.map(\.property).sorted())
    #expect(Set(MartletConf.allSettings.map(\.name)).count == declared.count)
  }

  @Test("Every setting that a document names is known")
  func everyDocumentedSettingIsKnown() throws {
    var found = 0
    let documents = ["guarantees", "memory", "monitoring", "programs", "recovery", "spark-to-martlet"]
    for name in documents.map({ "docs/\($0).md" }) + [
      "README.md", "docs/configuration.md",
    ] {
      let text = try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
      for match in text.matches(of: /`(martlet\.[A-Za-z.]+)`/) where match.1.last != "." {
        found += 1
        #expect(MartletConf.knownKeys.contains(String(match.1)), "\(name): \(match.1)")
      }
    }
    #expect(found > 5)
  }
}
