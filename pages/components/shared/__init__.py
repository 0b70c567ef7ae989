"""What several pages are drawn with: lists, tables, pictures in frames, legends, messages, the viewer."""
