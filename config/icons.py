"""Line icons on a grid of 24, drawn in the colour of the text beside them."""

ICONS = {
    "today": '<path d="M4 11.5 12 5l8 6.500V19a1 1 0 0 1-1 1h-4.500v-5h-5v5H5a1 1 0 0 1-1-1z"/>',
    "circle": '<circle cx="12" cy="12" r="6.5"/><circle cx="12" cy="5.5" r="1.9" fill="currentColor"/>'
    '<circle cx="18.2" cy="14" r="1.9" fill="currentColor"/><circle cx="5.8" cy="14" r="1.9" fill="currentColor"/>',
    "check": '<circle cx="12" cy="12" r="8.5"/><path d="m8 12.3 2.8 2.8L16 9.7"/>',
    "tick": '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.4 2"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "chart": '<path d="M4 20h16M7 16v-4M12 16V6M17 16V9"/>',
    "pen": '<path d="M5 19l1-4L16 5l3 3L9 18z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "mail": '<rect x="3.5" y="6" width="17" height="12.5" rx="2"/><path d="m4 7.5 8 6 8-6"/>',
    "print": '<path d="M7 9V4h10v5M7 17H4.500V9.500h15V17H17M7 14h10v6H7z"/>',
    "call": '<path d="M13.5 5H19v5.500M19 5l-8 8M10 6H6a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-4"/>',
    "leave": '<path d="M10 4H5v16h5M14 8l4 4-4 4M18 12H9"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 7.800v.1"/>',
    "warn": '<path d="M12 4 2.800 19.500h18.400z"/><path d="M12 10v4.500M12 17v.1"/>',
    "arrows": '<path d="M5 9h13l-3.500-3.500M19 15H6l3.500 3.500"/>',
    "people": '<circle cx="9" cy="9" r="3.2"/><path d="M3.500 19c.4-3.200 2.600-5 5.500-5s5.100 1.800 5.500 5M15.500 6.300'
    'a3 3 0 0 1 0 5.500M17 14.500c2 .6 3.200 2.200 3.500 4.500"/>',
    "heart": '<path d="M12 19.500 5 12.500a4.300 4.300 0 0 1 6.100-6.100l.9.900.9-.9a4.300 4.300 0 0 1 6.100 6.100z"/>',
    "speech": '<path d="M5 5h14v10h-8l-4 4v-4H5z"/>',
    "question": '<circle cx="12" cy="12" r="8.5"/><path d="M9.600 9.600a2.500 2.500 0 1 1 3.400 2.700c-.7.300-1 .8-1 1.500M12 16.300v.1"/>',
    "next": '<path d="M5 6v12l9-6zM18 6v12"/>',
    "back": '<path d="M19 6v12l-9-6zM6 6v12"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "play": '<path d="M8 5v14l11-7z"/>',
    "stop": '<path d="M7 7h10v10H7z"/>',
    "again": '<path d="M5 12a7 7 0 0 1 12-5l2 2M19 12a7 7 0 0 1-12 5l-2-2M19 4.500V9h-4.500M5 19.500V15h4.500"/>',
    "bell": '<path d="M6 16.500v-5a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500h4"/>',
    "up": '<path d="m6 14.500 6-6 6 6"/>',
    "down": '<path d="m6 9.500 6 6 6-6"/>',
    "quiet": '<path d="M6 12h.1M12 12h.1M18 12h.1"/><circle cx="12" cy="12" r="8.5"/>',
    "cup": '<path d="M5 9h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10.500h1.500a2.500 2.500 0 0 1 0 5H16M8 3.500v2M12 3.500v2"/>',
    "away": '<path d="M15 6 9 12l6 6M9 12h10M5 5v14"/>',
    "card": '<rect x="5" y="4" width="14" height="16" rx="2"/><path d="M8.500 9h7M8.500 12.500h7M8.500 16h4"/>',
    "file": '<path d="M7 3.500h7l4 4V20.500H7zM14 3.500v4h4M10 12h5M10 15.500h5"/>',
    "copy": '<rect x="8.500" y="8.500" width="11" height="11" rx="2"/><path d="M15.500 8.500v-2a2 2 0 0 0-2-2h-7a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h2"/>',
    "grip": '<path d="M9 6v.1M9 12v.1M9 18v.1M15 6v.1M15 12v.1M15 18v.1"/>',
    "chev": '<path d="m9.500 6 6 6-6 6"/>',
    "dots": '<path d="M6 12h.1M12 12h.1M18 12h.1" stroke-width="3"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="m15.500 15.500 4.500 4.500"/>',
    "calendar": '<rect x="4" y="6" width="16" height="14" rx="2"/><path d="M4 10.500h16M8.500 3.500V8M15.500 3.500V8"/>',
    "sliders": '<path d="M5 7h9M18 7h1M5 12h2M11 12h8M5 17h8M17 17h2"/>'
    '<circle cx="16" cy="7" r="1.900"/><circle cx="9" cy="12" r="1.900"/><circle cx="15" cy="17" r="1.900"/>',
    "programme": '<rect x="4" y="4.500" width="7" height="7" rx="1.500"/>'
    '<rect x="13.500" y="4.500" width="6.500" height="7" rx="1.500"/>'
    '<rect x="4" y="14" width="7" height="5.500" rx="1.500"/>'
    '<rect x="13.500" y="14" width="6.500" height="5.500" rx="1.500"/>',
    "hand": '<path d="M7.500 12V6.800a1.400 1.400 0 0 1 2.800 0V11m0-.500V4.900a1.400 1.400 0 0 1 2.800 0v5.600m0-.200V6.200'
    "a1.400 1.400 0 0 1 2.800 0v5m0-.600a1.400 1.400 0 0 1 2.800 0V15c0 3.600-2.500 6-6 6-2.800 0-4.400-1.200-5.700-3.600"
    'L4.900 14a1.500 1.500 0 0 1 2.500-1.600z"/>',
}
