import Foundation
import Testing

/// A comment proves each unchecked conformance; a subclass of constants needs no proof of its own.
@Suite("Unchecked conformances to Sendable") struct SendableTests {
  @Test("Every type has a proof, or holds only constants") func everyTypeSaysWhy() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let sources = root.appendingPathComponent("Sources")
    var types = 0
    for case let file as String in try #require(FileManager.default.enumerator(atPath: sources.path))
    where file.hasSuffix(".swift") {
      let declarations = uncheckedDeclarations(
        in: try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8))
      types += declarations.count
      for declaration in declarations {
        #expect(
          declaration.isProved || declaration.isSubclassOfConstants,
          """
          \(file):\(declaration.line) is `@unchecked Sendable` and does not say why that is right. Make it `Sendable`, \
          or begin its body with a comment `// Sendable: …` that says what orders the accesses.
          """)
      }
    }
    #expect(types > 10)
  }

  @Test(
    "A type without a proof is found",
    arguments: [
      ("final class A: @unchecked Sendable {\n  let a = 1\n}", false),
      ("final class A: @unchecked Sendable {\n  // Sendable: never used.\n  var a = 1\n}", true),
      ("final class A: RDD<Int>, @unchecked Sendable {\n  let a = 1\n  var b: Int { 1 }\n}", true),
      ("final class A: RDD<Int>, @unchecked Sendable {\n  private(set) var a = 1\n}", false),
      ("final class A:\n  RDD<Int>, @unchecked Sendable\n{\n  lazy var a = { 1 }()\n}", false),
      ("final class A: RDD<Int>, @unchecked Sendable {\n  struct B {\n    var a = 1\n  }\n}", true),
    ])
  func aTypeWithoutAProofIsFound(source: String, isRight: Bool) {
    let declarations = uncheckedDeclarations(in: source)
    #expect(declarations.map { $0.isProved || $0.isSubclassOfConstants } == [isRight])
  }
}

private struct UncheckedDeclaration {
  var line: Int
  var isProved: Bool
  var isSubclassOfConstants: Bool
}

/// The types of a file, in the project's format, that are declared `@unchecked Sendable`.
private func uncheckedDeclarations(in source: String) -> [UncheckedDeclaration] {
  let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
  return lines.indices.compactMap { index in
    guard lines[index].contains("@unchecked Sendable"), !isComment(lines[index]),
      let start = lines[...index].lastIndex(where: { $0.contains(/\b(class|struct|enum|extension)\b/) }),
      let open = lines[index...].firstIndex(where: { $0.contains("{") })
    else { return nil }
    let margin = lines[start].prefix { $0 == " " }
    let body = lines[(open + 1)...].prefix { !$0.hasPrefix("\(margin)}") }
    // A computed variable has a brace, and no assignment before it.
    let members = body.filter { $0.prefix { $0 == " " }.count == margin.count + 2 }
    let variables = members.filter {
      $0.contains(/^ *(?:@\w+ |\w+(?:\(\w+\))? )*var\b/) && !$0.contains(/^[^=]*\{/)
    }
    let parents = lines[start...index].joined(separator: " ").split(separator: "@unchecked")[0]
    return UncheckedDeclaration(
      line: index + 1, isProved: body.prefix(3).contains { $0.contains("// Sendable:") },
      isSubclassOfConstants: variables.isEmpty && parents.contains(/>?: *\w.*, *$/))
  }
}

private func isComment(_ line: Substring) -> Bool { line.contains(/^ *\/\//) }
