import Testing

@testable import MartletSQL

@Suite("The statements of a text") struct StatementTextTests {
  @Test("Semicolons separate them, but not in strings, names and comments") func semicolons() throws {
    let text = "SELECT ';' ; /* ; */ SELECT `a;b` -- ;\n, 2;;\n;"
    let statements = try SQLParser.statementTexts(text).map { $0.drop { $0 == " " || $0 == "\n" } }
    #expect(statements == ["SELECT ';' ", "SELECT `a;b` -- ;\n, 2"])
    #expect(try SQLParser.statementTexts(" -- nothing\n ; ").isEmpty)
  }

  @Test("Errors name the line and column in the whole text") func positions() throws {
    let statements = try SQLParser.statementTexts("SELECT 1;\n  SELECT 'é'; SELECT 2 +")
    #expect(statements.count == 3)
    let error = try #require(throws: SQLSyntaxError.self) { try SQLParser.parse(statements[2]) }
    #expect(error.line == 2)
    #expect(error.column == "  SELECT 'é'; SELECT 2 +".unicodeScalars.count + 1)
  }
}
