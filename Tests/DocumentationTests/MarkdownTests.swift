import Foundation
import Testing

@Suite("The Markdown files") struct MarkdownTests {
  @Test("Every block of Swift is compiled in this folder or in the package outside") func blocksAreCompiled() throws {
    let folders = ["DocumentationTests", "OutsidePackage/Sources/numbers", "OutsidePackage/Sources/torture-numbers"]
    let sources = try folders.flatMap { try files(in: "Tests/\($0)", ending: ".swift") }.map { code(try text(of: $0)) }
    var blocks = 0
    for file in try markdownFiles() {
      for block in try swiftBlocks(text(of: file)) {
        blocks += 1
        let isCompiled = sources.contains { $0.contains(block) }
        #expect(isCompiled, "\(file) has a Swift block that no test compiles:\n\(block)")
      }
    }
    #expect(blocks > 10)
  }

  @Test("Links to files have existing targets") func linksLeadSomewhere() throws {
    var links = 0
    for file in try markdownFiles() {
      let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
      for link in try text(of: file).matches(of: /\]\(([^)#\s]+)\)/).map({ String($0.output.1) }) {
        guard !link.contains("://") else { continue }
        links += 1
        let target = folder.appendingPathComponent(link).path
        #expect(FileManager.default.fileExists(atPath: target), "\(file) links to \(link), which does not exist")
      }
    }
    #expect(links > 10)
  }

  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  private func markdownFiles() throws -> [String] {
    try files(in: ".", ending: ".md") + files(in: "docs", ending: ".md")
      + files(in: "Examples", ending: ".md") + files(in: "Sources/Martlet/Martlet.docc", ending: ".md")
  }

  private func files(in folder: String, ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").filter { $0.hasSuffix(ending) }.sorted()
      .map { "\(root)/\(folder)/\($0)" }
  }

  private func text(of path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  /// The blocks marked as Swift, without those of package manifests.
  private func swiftBlocks(_ markdown: String) -> [String] {
    markdown.matches(of: /(?m)^```swift\n((?:.*\n)*?)```/).map { String($0.output.1) }
      .filter { !$0.hasPrefix("// In Package.swift") }.map(code)
  }

  /// The lines of code without indentation, empty lines and imports.
  private func code(_ text: String) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty && !$0.hasPrefix("import ") }.map { "\($0)\n" }.joined()
  }
}
