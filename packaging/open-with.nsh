; Offers the program under "Open with" for pictures, without making it the default one.

!define PROGID "LatentDarkroom.Picture"

!macro offerFor EXTENSION
  WriteRegStr SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "${PROGID}" ""
!macroend

!macro withdrawFrom EXTENSION
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "${PROGID}"
!macroend

!macro customInstall
  WriteRegStr SHELL_CONTEXT "Software\Classes\${PROGID}" "" "Picture"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${PROGID}\shell\open" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${PROGID}\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  !insertmacro offerFor "jpg"
  !insertmacro offerFor "jpeg"
  !insertmacro offerFor "png"
  !insertmacro offerFor "tif"
  !insertmacro offerFor "tiff"
  !insertmacro offerFor "webp"
  !insertmacro offerFor "avif"
!macroend

!macro customUnInstall
  !insertmacro withdrawFrom "jpg"
  !insertmacro withdrawFrom "jpeg"
  !insertmacro withdrawFrom "png"
  !insertmacro withdrawFrom "tif"
  !insertmacro withdrawFrom "tiff"
  !insertmacro withdrawFrom "webp"
  !insertmacro withdrawFrom "avif"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\${PROGID}"
!macroend
