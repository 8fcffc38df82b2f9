"""Papers: frozen data in, bytes out; knows neither the web nor the database nor any other feature.

Every function is pure. PDFs are PDF/A-2b, title and language set; pass one `Typesetter(font_folder, made_at)`
and, where needed, `marks=Marks(demo=, practice=, void=, journal_head=)`. Set PDFs in the worker or a child
process: typst keeps some 300 MB. Counts and rates are printed as they come: the caller has already asked the
suppression engine, and passes words where a number may not be shown.

paper                         function                                  module
票条 member's slips           stream_slips(sheet, slips, typesetter)    slip_stream; few: slips.slips_pdf
票卡 cards                    stream_cards(sheet, cards, typesetter)    slip_stream; few: cards.cards_pdf
  as one archive              zipped(parts, name)                       slip_stream
海报 poster A3 or A4          poster_pdf(poster, typesetter, size=)     poster
测评表 paper ballot           paper_ballot_pdf(ballot, typesetter)      paper_ballot
口令条 passphrase slips       passphrase_slips_pdf(slips, typesetter)   passphrase_slips
开箱记录单 protocol sheet     protocol_sheet_pdf(sheet, typesetter)     protocol_sheet
汇总表 result sheet           result_sheet_pdf(sheet, typesetter)       result_sheet
  the same as .xlsx           result_sheet_xlsx(sheet)                  result_workbook
单位评议报告 unit report      unit_report_pdf(report, typesetter)       unit_report
公示页 notice-board sheet     board_sheet_pdf(sheet, typesetter)        board_sheet
首次登录密码 first passwords  first_passwords_pdf(accounts, address, …) first_passwords
any table as .xlsx            workbook_bytes(sheets, title=)            workbook

Official papers (GB/T 9704-2012): a function of `official` words typed data into an `OfficialPaper`, which
`official.pdf.official_pdf(paper, typesetter, marks=)` sets and `official.docx.official_docx(paper, marks=)`
writes for editing. Each stands in the module of its name:
限期整改通知 rectification_order · 提醒函 reminder_letter · 签收回执 receipt · 整改方案 rect_plan
整改报告 rect_report · 延期请示 extension_request · 批复 extension_reply · 催办通知 urging
督办通知 supervision · 约谈通知 formal_talk · 复查验收意见 inspection · 销号单 closing_slip · 通报 circular
"""
